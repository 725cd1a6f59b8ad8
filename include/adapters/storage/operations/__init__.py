"""Questions of monitoring, and what is too old to be kept."""
