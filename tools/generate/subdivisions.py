"""Makes `chalicelib/text/subdivisions.json`, the names of subdivisions that have own holidays.

    python -m tools.generate.subdivisions

The codes and native names are those of the `holidays` library (ISO 3166-2). The English names of
subdivisions whose native name differs are those of Unicode's CLDR, for countries where customers
write them: a directory's field "state or province" is filled in by hand. Besides, there are the
names in the other languages of a country (Switzerland's in all four, ISO 3166-2:CH), those of the
United Kingdom in the product's languages (CLDR), and abbreviations and old names that the post
offices knew. A name that two subdivisions of a country share is left out. Run it again when the
library is updated.
"""

import json
from pathlib import Path

import holidays

from chalicelib.text.subdivisions import fold

TARGET = Path(__file__).resolve().parents[2] / "chalicelib/text/subdivisions.json"
ENGLISH = {
    "AT": {
        "2": "Carinthia",
        "3": "Lower Austria",
        "4": "Upper Austria",
        "6": "Styria",
        "7": "Tyrol",
        "9": "Vienna",
    },
    "CH": {
        "AG": "Aargau",
        "BL": "Basel-Country",
        "BS": "Basel-City",
        "FR": "Fribourg",
        "GE": "Geneva",
        "GR": "Grisons",
        "LU": "Lucerne",
        "NE": "Neuchatel",
        "SG": "Saint Gallen",
        "TI": "Ticino",
        "VD": "Vaud",
        "VS": "Valais",
        "ZH": "Zurich",
    },
    "DE": {
        "BY": "Bavaria",
        "HE": "Hesse",
        "MV": "Mecklenburg-Western Pomerania",
        "NI": "Lower Saxony",
        "NW": "North Rhine-Westphalia",
        "RP": "Rhineland-Palatinate",
        "SN": "Saxony",
        "ST": "Saxony-Anhalt",
        "TH": "Thuringia",
    },
    "ES": {
        "AN": "Andalusia",
        "AR": "Aragon",
        "CL": "Castile and Leon",
        "CN": "Canary Islands",
        "CT": "Catalonia",
        "IB": "Balearic Islands",
        "NC": "Navarre",
        "PV": "Basque Country",
        "VC": "Valencian Community",
    },
    "PT": {"11": "Lisbon", "20": "Azores"},
}

OTHERS = {
    "AT": {"3": "NÖ", "4": "OÖ"},
    "CA": {
        "AB": "Alta.",
        "MB": "Man.",
        "NL": "Newfoundland, Labrador, Terre-Neuve",
        "ON": "Ont.",
        "PE": "PEI, IPE",
        "QC": "PQ, Que.",
        "SK": "Sask.",
        "YT": "Yukon Territory",
    },
    "CH": {
        "AG": "Argovie, Argovia",
        "AI": "Appenzell Rhodes-Intérieures",
        "AR": "Appenzell Rhodes-Extérieures",
        "BE": "Berna",
        "BL": "Bâle-Campagne, Basilea Campagna, Baselland",
        "BS": "Bâle-Ville, Basilea Città",
        "FR": "Freiburg, Friburgo",
        "GE": "Genf, Ginevra",
        "GL": "Glaris, Glarona",
        "GR": "Grigioni, Grischun",
        "JU": "Giura",
        "LU": "Lucerna",
        "NE": "Neuenburg",
        "NW": "Nidwald, Nidvaldo",
        "OW": "Obwald, Obvaldo",
        "SG": "St. Gallen, Saint-Gall, San Gallo",
        "SH": "Schaffhouse, Sciaffusa",
        "SO": "Soleure, Soletta",
        "SZ": "Schwytz, Svitto",
        "TG": "Thurgovie, Turgovia",
        "TI": "Tessin",
        "VD": "Waadt",
        "VS": "Wallis, Vallese",
        "ZG": "Zoug, Zugo",
        "ZH": "Zurigo",
    },
    "DE": {"MV": "Mecklenburg-Vorpommern", "NW": "NRW"},
    "ES": {"CT": "Catalunya", "GA": "Galiza", "IB": "Illes Balears", "PV": "Euskadi"},
    "FR": {"974": "Réunion", "6AE": "Bas-Rhin, Haut-Rhin"},
    "GB": {
        "ENG": "Angleterre, Anglia, イングランド",
        "NIR": "Nordirland, Irlande du Nord, Észak-Írország, 北アイルランド",
        "SCT": "Schottland, Écosse, Skócia, スコットランド",
        "WLS": "Pays de Galles, Cymru, ウェールズ",
    },
    "IN": {"OD": "Orissa", "PY": "Pondicherry"},
    "IT": {"BZ": "Südtirol, Bozen, Alto Adige", "TN": "Trentino"},
    "MY": {"14": "Kuala Lumpur", "15": "Labuan", "16": "Putrajaya"},
    "PT": {"20": "Açores", "30": "Madeira"},
    "US": {"DC": "Washington DC"},
}


def main() -> None:
    """Write the file: a line for each country."""
    codes = sorted(holidays.list_supported_countries(include_aliases=False))
    names = {code: country_names(code) for code in codes if len(code) == 2}
    lines = (
        f"{json.dumps(code)}:{json.dumps(found, ensure_ascii=False, separators=(',', ':'))}"
        for code, found in names.items()
        if found
    )
    TARGET.write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")


def country_names(country: str) -> dict[str, str]:
    """Return the codes of a country's subdivisions by their folded names and codes."""
    calendar = getattr(holidays, country)
    named = [(code, code) for code in calendar.subdivisions]
    named += [(name, code) for name, code in getattr(calendar, "subdivisions_aliases", {}).items()]
    named += [(name, code) for code, name in ENGLISH.get(country, {}).items()]
    for code, others in OTHERS.get(country, {}).items():
        named += [(name, code) for name in others.split(",")]
    codes: dict[str, set[str]] = {}
    for name, code in named:
        codes.setdefault(fold(name), set()).add(code)
    return {name: found.pop() for name, found in sorted(codes.items()) if len(found) == 1}


if __name__ == "__main__":
    main()
