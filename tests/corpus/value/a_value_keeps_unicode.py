# Lone surrogates become replacement characters; the rest stays.
["grüße", "日本"]
# value: "['grüße', '日本']"
# ---
class Odd:
    def __repr__(self):
        return "odd \ud800"


Odd()
# value: "odd \ufffd"
