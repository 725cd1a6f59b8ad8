"""What people see: listings and exports."""
