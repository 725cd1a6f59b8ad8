"""What the pages of documents and their JSON share."""
