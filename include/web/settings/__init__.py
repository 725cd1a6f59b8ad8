"""What the settings pages and their JSON share."""
