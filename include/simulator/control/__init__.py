"""The control door, prefix `/_control`: state, time and faults for tests."""
