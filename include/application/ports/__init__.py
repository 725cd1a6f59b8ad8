"""What the use cases ask of the outside world and of our own store, one file per noun.

Adapters implement these; tests have a fake for each. Every write to the store carries the state and version that its
caller read: the loser gets False (or StaleError) and drops it. Work is chosen by state in the store, never by ids from
a stage before.
"""
