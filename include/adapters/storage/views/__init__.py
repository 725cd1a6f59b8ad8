"""What people see, with the rights of the viewer in the query."""
