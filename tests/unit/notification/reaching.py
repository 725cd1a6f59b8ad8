"""Bodies of templates that reach too far, or are none."""

from __future__ import annotations

REACHING = [
    "{{ rows.__class__.__mro__ }}",
    "{{ rows[0].__init__.__globals__ }}",
    "{{ ''.__class__ }}",
    "{{ (rows | first)['__class__'] }}",
    "{{ rows.append(1) }}",
    "{{ 'x'.format(1) }}",
    "{{ range(1000000) }}",
    "{{ lipsum() }}",
    "{{ range }}",
    "{{ 'x' * 1000000000 }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ 'x' + 'y' }}",
    "{{ 'x' | center(1000000000) }}",
    "{{ rows | map(attribute='__class__') | list }}",
    "{% macro m() %}x{% endmacro %}{{ m() }}",
    "{% include '/etc/passwd' %}",
    "{% import 'fr/words.txt' as words %}{{ words }}",
    "{% for a in rows %}{% for b in rows %}" + "x" * 100_000 + "{% endfor %}{% endfor %}",
    "{{ unheard_of }}",
    "{% if %}",
]
