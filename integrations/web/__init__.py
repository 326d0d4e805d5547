"""The inbox: HR deliveries and the signed pages people answer on."""
