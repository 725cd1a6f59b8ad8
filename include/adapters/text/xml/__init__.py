"""Invoice data embedded in a PDF: CII and UBL."""
