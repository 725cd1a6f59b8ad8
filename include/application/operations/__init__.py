"""Running the product: doctor, watchdog, figures for monitoring, retention."""
