"""The evidence of one invoice as a pack that shows whether anybody changed it since."""
