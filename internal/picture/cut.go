package picture

import (
	"bytes"
	"encoding/binary"
)

// What follows the end of a picture is no part of it and is not drawn: cameras put a film
// there, others an archive. These ask only whether the end is there at all.

// cutJPEG looks for the end mark behind the beginning of the picture: a small picture in the
// camera's notes has an end of its own.
func cutJPEG(b []byte) bool {
	return bytes.LastIndex(b[min(headOf(b).end, len(b)):], []byte("\xff\xd9")) < 0
}

func cutPNG(b []byte) bool {
	const signature, frame = 8, 12 // a chunk: length, type, content, checksum
	for at := signature; at+frame <= len(b); {
		if string(b[at+4:at+8]) == "IEND" {
			return false
		}
		at += frame + int(binary.BigEndian.Uint32(b[at:]))
	}
	return true
}

func cutWebP(b []byte) bool {
	return len(b) < 12 || uint64(len(b)) < uint64(binary.LittleEndian.Uint32(b[4:]))+8
}

// cutGIF walks over the blocks up to the trailer.
func cutGIF(b []byte) bool {
	palette := func(flags byte) int {
		if flags&0x80 == 0 {
			return 0
		}
		return 3 << (flags&7 + 1)
	}
	if len(b) < 13 {
		return true
	}
	at := 13 + palette(b[10])
	for at < len(b) {
		switch b[at] {
		case 0x3b: // trailer
			return false
		case 0x21: // extension
			at += 2
		case 0x2c: // image
			if at+9 >= len(b) {
				return true
			}
			at += 11 + palette(b[at+9])
		default:
			return true
		}
		for at < len(b) && b[at] != 0 { // sub-blocks
			at += int(b[at]) + 1
		}
		at++
	}
	return true
}
