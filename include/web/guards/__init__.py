"""What stands before every route: who asks, whether another site forged it, what that person may see, and headers."""
