"""Recognising the words of a page image.

`engine` says what every engine gives and chooses one; `neural` reads with PP-OCRv6 through OpenVINO, from `models`
(loading and compiling), `detection` (where lines stand) and `decoding` (what a line says); `tesseract` is the engine
that takes over where OpenVINO does not run, and the second reading that verifies single values.
"""
