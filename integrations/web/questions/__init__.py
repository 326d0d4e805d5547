"""What each purpose asks, in both languages side by side."""
