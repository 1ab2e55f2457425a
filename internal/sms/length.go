package sms

import (
	"strings"
	"unicode/utf16"
)

// The default alphabet of GSM and its extension, each of whose characters takes two
// places (3GPP TS 23.038, 6.2.1). A text with one other character travels as UCS-2 whole.
const (
	basic    = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	extended = "\f^{}\\[~]|€"
)

// A Length is what operators count of a text.
type Length struct {
	Wide     bool // UCS-2: as every text with Russian letters
	Units    int  // septets, or 16-bit units
	Segments int  // messages that are paid for
}

// LengthOf counts a text as operators do: 160 septets or 70 units of UCS-2 in one
// message, 153 or 67 in each of several (3GPP TS 23.040, 9.2.3.24). What takes two units
// (an extended character, a pair of surrogates) is not torn between two messages.
func LengthOf(text string) Length {
	var widths []int
	l := Length{}
	for _, r := range text {
		switch {
		case strings.ContainsRune(basic, r):
			widths = append(widths, 1)
		case strings.ContainsRune(extended, r):
			widths = append(widths, 2)
		default:
			l.Wide = true
		}
	}
	one, each := 160, 153
	if l.Wide {
		one, each, widths = 70, 67, widths[:0]
		for _, r := range text {
			widths = append(widths, max(utf16.RuneLen(r), 1))
		}
	}
	room := 0
	for _, w := range widths {
		l.Units += w
		if w > room {
			l.Segments, room = l.Segments+1, each
		}
		room -= w
	}
	if l.Units > 0 && l.Units <= one {
		l.Segments = 1
	}
	return l
}
