"""Layers that are switched off (optional content, PDF 32000 8.11): nobody sees what they hold, so it is not read.

pdfium paints pages without them and gives their text all the same. Here that text becomes invisible in the file itself:
it keeps its place, so that what stands behind it stays where it is.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

_SHOWS_TEXT = frozenset({"Tj", "TJ", "'", '"'})
_INVISIBLE = 3
"""Text rendering mode that paints nothing (PDF 32000, 9.3.6)."""


def without_switched_off(content: bytes) -> bytes:
    """The file with the text of its switched-off layers made invisible; the same bytes where it has no such layer.

    For files whose form objects do not draw themselves. One that pikepdf cannot open stays as it is.
    """
    if b"/OCProperties" not in content and b"/ObjStm" not in content:
        return content
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            layers = _Layers(pdf.Root.get("/OCProperties"))
            if not layers.off:
                return content
            painting = _Painting(pdf, layers)
            for page in pdf.pages:
                painting.clean_page(page)
            target = io.BytesIO()
            pdf.save(target)
            return target.getvalue()
    except (pikepdf.PdfError, pikepdf.PasswordError, RuntimeError, ValueError, TypeError, AttributeError, KeyError):
        return content


class _Layers:
    """Which layers are off: by the default configuration, or because their usage says so for the screen."""

    def __init__(self, properties: Any) -> None:
        self.off: set[tuple[int, int]] = set()
        if properties is None:
            return
        usual = properties.get("/D", {})
        known = [*properties.get("/OCGs", [])]
        if usual.get("/BaseState") == "/OFF":
            self.off = {layer.objgen for layer in known} - {layer.objgen for layer in usual.get("/ON", [])}
        self.off |= {layer.objgen for layer in usual.get("/OFF", [])}
        for layer in known:
            if layer.get("/Usage", {}).get("/View", {}).get("/ViewState") == "/OFF":
                self.off.add(layer.objgen)

    def shows(self, holder: Any) -> bool:
        """Whether what belongs to a layer, or to a membership in several, is shown."""
        if holder is None or holder.get("/Type") != "/OCMD":
            return holder is None or holder.objgen not in self.off
        if "/VE" in holder:
            return self._holds(holder["/VE"])
        layers = holder.get("/OCGs")
        if layers is None:
            return True
        members = [*layers] if _is_array(layers) else [layers]
        states = [layer.objgen not in self.off for layer in members if layer is not None]
        policy = str(holder.get("/P", "/AnyOn"))
        if not states:
            return True
        return {"/AllOn": all(states), "/AnyOff": not all(states), "/AllOff": not any(states)}.get(policy, any(states))

    def _holds(self, expression: Any) -> bool:
        if not _is_array(expression):
            return expression.objgen not in self.off
        operator, *terms = expression
        values = [self._holds(term) for term in terms]
        return {"/And": all(values), "/Not": not any(values)}.get(str(operator), any(values))


def _is_array(item: Any) -> bool:
    import pikepdf

    return isinstance(item, pikepdf.Array)


class _Painting:
    """Rewrites the instructions of pages and of the forms that they draw, each form once."""

    def __init__(self, pdf: Any, layers: _Layers) -> None:
        self._pdf = pdf
        self._layers = layers
        self._cleaned: set[tuple[int, int]] = set()

    def clean_page(self, page: Any) -> None:
        """One page with everything that it draws."""
        resources = page.obj.get("/Resources", {})
        page.obj["/Contents"] = self._pdf.make_stream(self._cleaned_stream(page, resources))

    def _cleaned_stream(self, holder: Any, resources: Any) -> bytes:
        import pikepdf

        return bytes(pikepdf.unparse_content_stream([*self._instructions(holder, resources)]))

    def _instructions(self, holder: Any, resources: Any) -> Iterator[tuple[Any, Any]]:
        import pikepdf

        def render(mode: int) -> tuple[Any, Any]:
            return [mode], pikepdf.Operator("Tr")

        shown: list[bool] = []
        mode, saved = 0, []
        for instruction in pikepdf.parse_content_stream(holder):
            operands, operator = instruction.operands, instruction.operator
            name = str(operator)
            if name in ("BDC", "BMC"):
                shown.append(self._is_shown(operands, resources))
            elif name == "EMC" and shown:
                shown.pop()
            elif name == "q":
                saved.append(mode)
            elif name == "Q" and saved:
                mode = saved.pop()
            elif name == "Tr":
                mode = int(operands[0])
            hidden = not all(shown)
            if name == "Do" and (hidden or not self._draws(str(operands[0]), resources)):
                continue
            if hidden and name in _SHOWS_TEXT:
                yield from (render(_INVISIBLE), (operands, operator), render(mode))
            else:
                yield operands, operator

    def _is_shown(self, operands: Any, resources: Any) -> bool:
        if len(operands) < 2 or operands[0] != "/OC":
            return True
        return self._layers.shows(resources.get("/Properties", {}).get(str(operands[1])))

    def _draws(self, name: str, resources: Any) -> bool:
        """Whether a form or image is shown; a form is cleaned on the way."""
        item = resources.get("/XObject", {}).get(name)
        if item is None:
            return True
        if not self._layers.shows(item.get("/OC")):
            return False
        if item.get("/Subtype") == "/Form" and item.objgen not in self._cleaned:
            self._cleaned.add(item.objgen)
            item.write(self._cleaned_stream(item, item.get("/Resources", resources)))
        return True
