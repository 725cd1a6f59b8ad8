"""A simulated Chorus Pro (PISTE) served over HTTP: for demonstration, tests and third-party clients.

It imports nothing of the product, so that it can disagree with it.
"""
