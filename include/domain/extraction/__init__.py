"""From words with boxes to candidates for every field: pure rules, no file and no PDF library.

The way of a page: `rows` puts words on lines; `trust` judges whether the words can be believed; `layout` cuts lines
into cells and finds the neighbours of a cell; `labels` and `decoys` hold every wording that announces a value, as
data; `sightings` finds them; `search` joins labels with values; `amounts`, `vat`, `dates`, `identifiers`, `parties`,
`kind` and `bank` know one family of fields each; `fields` puts them together.

To add a label, add a row to the table in `labels.py`.
"""
