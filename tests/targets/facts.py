"""Published values the clocks and levels are held to: worked examples, in the units their names say."""

# (variant, numerator, denominator, percent) for: answered within 20 s 860, later 140; abandoned within 5 s 10, 5–20 s
# 10, later 40; callbacks asked for within 20 s 12, later 18.
SERVICE_LEVELS = [
    ("abandons_ignored", 860, 1000, 86.000000),
    ("abandons_count_against", 860, 1060, 81.132075),
    ("abandons_within_T_excluded", 860, 1040, 82.692308),
    ("short_abandons_excluded_5s", 860, 1050, 81.904762),
    ("abandons_within_T_credited", 880, 1060, 83.018868),
    ("flowouts_in_denominator", 860, 1090, 78.899083),
    ("amazon_connect_removed_within_X", 892, 1090, 81.834862),
]

# Country → three rings in ms.
THREE_RINGS = {"IN": 9000, "GB": 9000, "US": 18000, "CA": 18000, "DE": 15000, "ES": 13500, "BE": 12000, "JP": 9000}
