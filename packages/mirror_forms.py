"""The forms through which admins change mirror lists."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet

from packages import entries_csv
from packages.entries_csv import EntriesFileError
from packages.list_states import EntryState, ListState, stored_state
from packages.models import MirrorEntry, MirrorList
from packages.models.mirrors import MAX_ENTRIES

STALE = (
    "Somebody else has changed mirror lists since you opened this page, so nothing was"
    " saved. Open it again and make your change to what is there now."
)


def _reason_field() -> forms.CharField:
    return forms.CharField(
        max_length=500,
        label="Reason for the change",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="Public: the about page shows it with the date, without your name.",
    )


class MirrorListForm(forms.ModelForm):
    """A list's own fields, why they change, and which state the admin saw."""

    reason = _reason_field()
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored: ListState | None = None
        if self.instance.pk:
            self.stored = stored_state(self.instance)
            self.initial["version"] = self.stored.version()

    def clean_name(self) -> str:
        """The API takes names in any case, so two may not differ in case alone."""
        name: str = self.cleaned_data["name"]
        others = MirrorList.objects.exclude(pk=self.instance.pk)
        if others.filter(name__iexact=name).exists():
            message = f"There is a list named {name} already, in whatever case."
            raise ValidationError(message)
        return name

    def clean(self) -> None:
        super().clean()
        if self.stored and self.cleaned_data.get("version") != self.stored.version():
            raise ValidationError(STALE)


class MirrorEntryFormSet(BaseInlineFormSet):
    """Entries of one list; the database's constraint sees one row at a time only."""

    def clean(self) -> None:
        super().clean()
        seen = set()
        for entry in self.proposed():
            key = (entry.installer, entry.valid_from)
            if key in seen:
                message = f"{entry.installer} is there twice from the same day on."
                raise ValidationError(message)
            seen.add(key)
        if len(seen) > MAX_ENTRIES:
            message = f"A list has at most {MAX_ENTRIES} entries."
            raise ValidationError(message)

    def proposed(self) -> list[MirrorEntry]:
        """The entries as they will be once this is saved."""
        return [
            form.instance
            for form in self.forms
            if form.cleaned_data.get("installer")
            and not form.cleaned_data.get("DELETE")
        ]


class ConfirmForm(forms.Form):
    """Why something is done to the state of which ``version`` is a mark."""

    reason = _reason_field()
    version = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, version: str) -> None:
        super().__init__(*args)
        self.initial["version"] = self._version = version

    def clean(self) -> None:
        if self.cleaned_data.get("version") != self._version:
            raise ValidationError(STALE)


class ImportForm(ConfirmForm):
    """A CSV file of entries, chosen or pasted; once read, it can be mended as text."""

    file = forms.FileField(required=False, label="CSV file")
    text = forms.CharField(
        required=False,
        strip=False,
        label="or its text",
        widget=forms.Textarea(attrs={"rows": 12, "class": "vLargeTextField"}),
    )
    field_order = ("file", "text", "reason", "version")

    def clean(self) -> None:
        super().clean()
        content = self._content()
        try:
            self.entries: tuple[EntryState, ...] = entries_csv.read(content)
        except EntriesFileError as error:
            self.add_error(None, ValidationError(list(error.sentences)))

    def _content(self) -> bytes:
        """What was sent; a file's text also takes its place in the form shown next."""
        file = self.cleaned_data.get("file")
        if file is None:
            return str(self.cleaned_data.get("text", "")).encode()
        content: bytes = file.read(entries_csv.MAX_BYTES + 1)
        text = content.decode("utf-8-sig", "replace")
        self.data = dict(self.data.items()) | {"text": text}
        return content
