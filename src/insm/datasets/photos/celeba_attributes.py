"""CelebA's attributes: all 40, the ten that the paper uses, and what excludes each other."""

ALL_ATTRIBUTES = tuple(
    [
        "5_o_Clock_Shadow",
        "Arched_Eyebrows",
        "Attractive",
        "Bags_Under_Eyes",
        "Bald",
        "Bangs",
        "Big_Lips",
        "Big_Nose",
        "Black_Hair",
        "Blond_Hair",
        "Blurry",
        "Brown_Hair",
        "Bushy_Eyebrows",
        "Chubby",
        "Double_Chin",
        "Eyeglasses",
        "Goatee",
        "Gray_Hair",
        "Heavy_Makeup",
        "High_Cheekbones",
        "Male",
        "Mouth_Slightly_Open",
        "Mustache",
        "Narrow_Eyes",
        "No_Beard",
        "Oval_Face",
        "Pale_Skin",
        "Pointy_Nose",
        "Receding_Hairline",
        "Rosy_Cheeks",
        "Sideburns",
        "Smiling",
        "Straight_Hair",
        "Wavy_Hair",
        "Wearing_Earrings",
        "Wearing_Hat",
        "Wearing_Lipstick",
        "Wearing_Necklace",
        "Wearing_Necktie",
        "Young",
    ]
)
ATTRIBUTES = (
    "Black_Hair", "Blond_Hair", "Brown_Hair", "Bangs", "Smiling",
    "Male", "No_Beard", "Young", "Pale_Skin", "Eyeglasses",
)  # fmt: skip
HAIR = ("Black_Hair", "Blond_Hair", "Brown_Hair")
HAIR_COLOURS = (*HAIR, "Gray_Hair")
GROUPS = {
    "Hair Color": HAIR, "Aging": ("Young",), "Bangs": ("Bangs",), "Smile": ("Smiling",), "Gender": ("Male",),
    "Beard": ("No_Beard",), "Skin Color": ("Pale_Skin",), "Eyeglasses": ("Eyeglasses",),
}  # fmt: skip
COMBINATIONS = (  # Figure 1
    {"No_Beard": 0, "Smiling": 0, "Black_Hair": 1},
    {"Bangs": 1, "Eyeglasses": 1, "Black_Hair": 1},
    {"Male": 0, "Smiling": 1, "Brown_Hair": 1},
)
