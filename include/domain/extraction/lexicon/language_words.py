"""Words that pages of invoices are made of, folded: French, English, and the German of ZUGFeRD files.

Only for telling language from gibberish; labels with a meaning are declared with their fields.
"""

from __future__ import annotations

_FRENCH = """
a abonnement achat acheteur acompte administration adresse affaire agence ai allee an annee annexe ans aout ape appel
application art article articles attention au aux avant avec avenue avis avoir avril bancaire banque base batiment bic
bon boulevard bp bureau cachet caisse capital ce cedex centre ces cet cette cgi chemin cheque chez client code college
commande comme commercial commune compris comptabilite comptant compte condition conditions conformement conseil
contact contrat cordialement courriel cours credit cs dans date de debit decembre decret delai departement depot des
description designation desservi destinataire detail devis direction document dont droit du due ecole edition effectue
electronique elle email emetteur emise en encaissement engagement entreprise escompte est et etablissement etat eu eur
eurl euro euros executant exercice exigible exoneration expediteur expedition facturation facture facturer factures fax
fevrier fin fiscal forfait forfaitaire fournisseur fourniture fournitures frais france garantie general gestion groupe
heure heures hopital horaire hors hospitalier hotel ht iban identifiant identification il immatriculation impasse
indemnite interet interets intracommunautaire janvier je jour jours juillet juin la le legal legale les leur libelle
lieu ligne limite livraison local lors lot lycee mai maintenance mairie maison mandat marche mars materiel matricule
mensuel mensuelle mention metropole ministere mme mobile mode mois mon montant moratoires moyen municipal naf national
ne net nom non norme nos notre nous novembre num numero objet octobre operation option ordre ou page paiement par paris
pas payable payee payer penalite penalites periode personne pied place plateforme plus port postal poste pour
prefecture prelevement premier prestation prestations prix produit produits projet pu public publics publique qte quai
quantite que qui rappel rcs recouvrement ref reference references region reglement reglementaire regler relatif remise
report representant reseau reste retard route rue sa salaire sans sante sarl sas sci se secretariat securite selon
semaine septembre service services ses si siege signature siren siret site situation snc social societe soit solde
somme son sont sous suivi supplement sur syndicat tarif taux taxe tel telephone temps titre titulaire total totale
totaux tout toute toutes transport travaux tsa ttc tva un une unitaire unite universite usage valeur vendeur vente vers
mission verse versement ville virement visa voir volume vos votre vous zone
"""
_ENGLISH = """
account address after all amount and any are bank before bill billing buyer by charge company contact contract credit
currency customer date days delivery description discount due for from goods gross have if in invoice is item items
number of on or order our page paid pay payable payment period phone please price product purchase quantity rate
reference registered seller service services ship shipping subtotal supplier tax terms thank that the this to total
unit us vat we will with you your
"""
_GERMAN = """
alle als am an anschrift artikel auf aus bank bei bestellung betrag bezeichnung bis bitte brutto das dem den der die
ein eine einheit einzelpreis fur gesamt gesamtbetrag im in ist kunde kunden kundennummer lieferant lieferdatum
lieferung menge mit mwst nach netto nettobetrag nummer oder position preis rechnung rechnungsdatum rechnungsnummer
steuer steuernummer stuck summe tag tage telefon und uns unser unsere ust vom von wir zahlbar zahlung zu zum zur
zwischensumme
"""

LANGUAGE_WORDS = frozenset(f"{_FRENCH} {_ENGLISH} {_GERMAN}".split())
