"""Layout memory: where the values of a supplier's invoices stand, learned from invoices whose values are known.

An invoice whose values somebody vouches for becomes an example: for each value the labels around it, how far from them
it stands, and what it looks like. A document of the same layout is then searched at the same places. A place found so
is a strong candidate, never more: it has to pass the checks that every candidate has to pass.

    example.py   what is kept: an example, its learned fields, regions and anchors; nothing of it is a value
    wording.py   words of a page as keys: label words as they are, every other word as a digest
    fingerprint.py  the fingerprint of a page, and whether two pages have the same layout
    shapes.py    what a number looks like: `FA-9999-999`
    regions.py   where on the pages a value of a field stands, or may stand
    anchors.py   what stands around a place
    index.py     where a document has the words of anchors
    pointing.py  which place of another document they point at
    learn.py     from known values to an example; which older learned fields it proves wrong; what is surplus
    recall.py    from examples to what they point at on other pages, with how much stands behind it
    merge.py     remembered values among the candidates that the rules found
"""
