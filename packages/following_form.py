"""The form that takes names of packages as people write them down."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import Truncator

from packages.names import WrongNameError, normalize_packages

SHOWN = 40
_BETWEEN = re.compile(r"[\s,]+")


class NamesForm(forms.Form):
    names = forms.CharField(
        label="Names of packages",
        help_text="As many as you like, with commas, blanks or lines between them.",
        widget=forms.Textarea(
            {"rows": 4, "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def clean_names(self) -> set[str]:
        """Return the normalized names; one that is wrong refuses all of them."""
        asked = filter(None, _BETWEEN.split(self.cleaned_data["names"]))
        try:
            found = normalize_packages(asked)
        except WrongNameError as error:
            shown = Truncator(error.name).chars(SHOWN)
            message = (
                f"No package can be called {shown!r}: letters, digits and . _ - are"
                " allowed, the first and last a letter or digit."
            )
            raise ValidationError(message) from error
        if not found:
            message = "No name is given; write some, as in django, flask."
            raise ValidationError(message)
        return found
