"""What we remember of the platform: circuits, accounts, directory, its readings and refusals."""
