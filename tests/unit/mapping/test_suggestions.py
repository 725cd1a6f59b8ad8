"""Unknown wordings are proposed to a person by likeness; measured on made-up bodies and how people write them."""

from __future__ import annotations

import pytest

from include.domain.mapping import suggestions
from include.domain.mapping.wording import MOST_SIMILAR, similar_wordings
from include.domain.reasons import Reason
from tests.factories import BODY
from tests.unit.mapping.drafts import draft_of, read
from tests.unit.mapping.test_learned import TOWN

SPELLINGS = {
    "Mairie d'Annecy": "Mairie d'Anecy|Mairie Annecy|MAIRIE D ANNECV|Mairie de la ville d'Annecy|Annecy (Mairie)|"
    "Mairie d'Annecy Service comptabilité",
    "Ville de Sévrier": "Ville Sévrier",
    "Commune de Faverges-Seythenex": "Commune de Faverges|Cne de Faverges-Seythenex",
    "Conseil départemental du Lac": "Conseil Départ. du Lac|Departement du Lac - Conseil departemental",
    "Centre hospitalier des Aravis": "CENTRE HOSPITALIER ARAVIS|Centre hospita1ier des Aravis|"
    "Ctre Hospitalier des Aravis",
    "Université du Semnoz": "Universite Semnoz|Univ. du Semnoz",
    "Régie des eaux du Laudon SPL": "Régie des eaux Laudon|Regie eaux du Laudon",
    "Communauté de communes du Val de Fier": "Communauté de communes Val de Fier|CC du Val de Fier|"
    "Com. de Communes du Val de Fier",
    "Lycée professionnel Jeanne Moreau": "Lycée pro Jeanne Moreau|Lycee Jeanne Moreau|"
    "LYCEE PROFESSIONNEL JEANNE MOREAU - Intendance",
    "Préfecture de la Haute-Combe": "Préfecture Haute-Combe",
    "Syndicat mixte du bassin de l'Arly": "Syndicat mixte bassin Arly",
    "Office public de l'habitat des Glières": "OPH des Glières|Office public habitat Glieres",
    "Direction départementale des territoires du Lac": "Dir. départementale des territoires du Lac",
    "CHU de Montmélian": "CHU Montmelian",
    "Rectorat de l'académie de Beaufort": "Rectorat académie de Beaufort",
    "EHPAD Les Tilleuls": "EHPAD des Tilleuls",
    "SDIS du Lac": "",
    "Mairie de Saint-Jorioz": "Mairie St-Jorioz|Mairie de St Jorioz",
    "Mairie de Saint-Jeoire": "",
    "Centre hospitalier de Rumilly": "CH de Rumilly",
    "Collège Paul Éluard": "College Paul Eluard de Seynod",
    "Chambre d'agriculture des Bauges": "Chambre agriculture des Bauges",
    "Métropole du Grand Veyrier": "Grand Veyrier Métropole",
    "CCAS de Thônes": "C.C.A.S. Thônes",
    "Université de Chartreuse": "",
    "École nationale supérieure des forêts": "Ecole nat. sup. des forêts",
    "Ministère des transitions": "",
    "Agence de l'eau Isère-Fier": "Agence de l'eau Isere Fier",
}
STRANGERS = (
    "Mairie d'Antony",
    "Mairie d'Albens",
    "Ville de Chambord",
    "Commune de Doussard",
    "Conseil départemental du Gers",
    "Centre hospitalier de Belley",
    "Université de Savoir-Faire",
    "Régie des transports urbains",
    "Communauté de communes du Pays d'Alby",
    "Lycée Claude Fauriel",
    "Préfecture de la Mayenne",
    "Syndicat des énergies du Rhône",
    "Office public de la langue",
    "Direction générale des routes",
    "CHU de Caen",
    "Rectorat de Nantes",
    "EHPAD Bellevue",
    "SDIS de la Somme",
    "Mairie de Saint-Gervais",
    "Collège Simone Veil",
    "Chambre des métiers",
    "Métropole de l'Ouest",
    "CCAS de Cluses",
    "École de musique",
    "Ministère des armées",
    "Agence de l'innovation",
    "Imprimerie Durand",
    "Société Générale de Bâtiment",
    "Boulangerie Petit",
    "LE CLIENT",
)
LINES = [(name, (name,)) for name in SPELLINGS]
ASKED = [(text, name) for name, texts in SPELLINGS.items() for text in texts.split("|") if text]


@pytest.mark.parametrize(("written", "name"), ASKED)
def test_a_body_written_in_another_way_is_proposed_first(written: str, name: str) -> None:
    assert similar_wordings(written, LINES)[0].key == name


def test_few_strangers_get_a_proposal() -> None:
    wrongly = [stranger for stranger in STRANGERS if similar_wordings(stranger, LINES)]
    assert len(wrongly) <= len(STRANGERS) // 5


def test_a_wording_that_fits_many_bodies_gets_no_proposal() -> None:
    assert similar_wordings("Mairie", LINES) == ()
    assert similar_wordings("Service facturation du client", LINES) == ()
    assert similar_wordings("Mairie d'Annecy", []) == ()


def test_each_body_is_proposed_once_and_few_of_them() -> None:
    lines = [(str(number), (f"Mairie de Pont-{number}", f"Ville de Pont-{number}")) for number in range(9)]
    found = similar_wordings("Mairie de Pont", lines)
    assert len(found) == len({similar.key for similar in found}) == MOST_SIMILAR


def test_the_reason_names_the_candidates_and_carries_them() -> None:
    [reason] = draft_of(read(recipient_name="Mairie d'Anecy"), recipients=(TOWN,)).reasons
    assert f"Mairie d'Annecy ({BODY})" in reason.message("fr")
    [similar] = suggestions(reason)
    assert (similar.key, similar.known) == (BODY, "Mairie d'Annecy")
    assert suggestions(Reason(code="recipient_wording_unknown", params={"wording": "x"})) == ()
