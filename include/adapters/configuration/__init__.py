"""The configuration file: YAML text to configuration, each fault with its line."""
