"""One family of fields a file: each finds its candidates on a labelled page."""
