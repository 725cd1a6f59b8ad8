"""Families of made-up invoices: each is one author's page, with wordings, fonts and order of its own.

`development.py` may be looked at while rules are written; `held_out.py` may not: it only says how the rules do on
invoices that they were not written against (`make accuracy`). Nobody is known by name in either.
"""
