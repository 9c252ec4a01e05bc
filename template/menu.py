"""The beers and donuts that there are."""

# hops: how bitter a beer is, from 1 (hardly) to 5 (extremely)
BEERS = [
    {"name": "ipa", "brewer": "Hop Harbour", "hops": 5},
    {"name": "pale-ale", "brewer": "Hop Harbour", "hops": 4},
    {"name": "pilsner", "brewer": "Old Bridge", "hops": 3},
    {"name": "saison", "brewer": "Field and Barn", "hops": 3},
    {"name": "porter", "brewer": "Lantern Street", "hops": 2},
    {"name": "lager", "brewer": "Old Bridge", "hops": 2},
    {"name": "stout", "brewer": "Lantern Street", "hops": 2},
    {"name": "wheat", "brewer": "Field and Barn", "hops": 1},
]

# sugar: how sweet a donut is, from 1 (hardly) to 3 (extremely)
DONUTS = [
    {"name": "old-fashioned", "sugar": 1},
    {"name": "sourdough", "sugar": 1},
    {"name": "cinnamon", "sugar": 1},
    {"name": "buttermilk", "sugar": 1},
    {"name": "glazed", "sugar": 2},
    {"name": "powdered", "sugar": 2},
    {"name": "blueberry", "sugar": 2},
    {"name": "apple", "sugar": 2},
    {"name": "jelly", "sugar": 3},
    {"name": "maple", "sugar": 3},
    {"name": "chocolate", "sugar": 3},
    {"name": "boston-cream", "sugar": 3},
]
