"""From words with boxes to candidates for every field: pure rules, no file and no PDF library.

The way of a page: `layout/rows` puts words on lines and `layout/cells` cuts lines into cells; `layout/label_matching`
finds the labels of the `lexicon`, and `layout/labelled_page` joins them with the values beside or below them; each file
of `fields` knows one family of fields; `confidence` says how far all that can be believed; `layout_memory` adds what
earlier invoices taught; `read_fields` puts them together, and `reread_with_memory` does it again for a stored reading.

To add a label, add a line to the `labels` of its field (`include/domain/fields/declared/`).
"""
