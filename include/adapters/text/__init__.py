"""The document reader: guard, embedded XML, text layer, OCR, in worker processes that can be killed."""
