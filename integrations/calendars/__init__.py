"""Calendars as neighbours: one port, one file per vendor."""
