// Package lemmas holds the OpenCorpora dictionary of Russian word forms.
//
// Do not read it directly: package russian does. README.md in this folder
// names the source and the licence (CC BY-SA 3.0); `otklik-data lemmas`
// rebuilds the file.
package lemmas

import (
	"bytes"
	"compress/flate"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"unsafe"
)

// The file is the dictionary in parts that are packed one by one, so that they
// can be unpacked side by side: 4.5 MB in the program instead of 18.7. In front of
// each part: its length and that of what it unpacks to (uint32, little endian).
//
//go:embed opencorpora.dict.z
var packed []byte

// parts is how many parts Pack makes.
const parts = 4

// Dictionary returns the dictionary, unpacked at the first call and never written
// to. Its layout is told at buildLemmas in cmd/otklik-data.
var Dictionary = sync.OnceValues(func() (string, error) {
	list, total, err := split(packed)
	if err != nil {
		return "", err
	}
	out := make([]byte, total)
	largePages(out)
	failed := make([]error, len(list))
	var wait sync.WaitGroup
	at := 0
	for i, p := range list {
		to := out[at : at+p.size]
		at += p.size
		wait.Go(func() { _, failed[i] = io.ReadFull(flate.NewReader(bytes.NewReader(p.data)), to) })
	}
	wait.Wait()
	return unsafe.String(unsafe.SliceData(out), len(out)), errors.Join(failed...) // nobody else holds out
})

type part struct {
	data []byte
	size int
}

func split(file []byte) (list []part, total int, err error) {
	for len(file) > 0 {
		if len(file) < 8 {
			return nil, 0, errors.New("lemmas: the file is cut off")
		}
		n, size := int(binary.LittleEndian.Uint32(file)), int(binary.LittleEndian.Uint32(file[4:]))
		if file = file[8:]; n > len(file) || size > 1<<30 {
			return nil, 0, errors.New("lemmas: the file is cut off")
		}
		list, total, file = append(list, part{file[:n], size}), total+size, file[n:]
	}
	return list, total, nil
}

// Pack packs a dictionary for the file.
func Pack(dictionary []byte) ([]byte, error) {
	var out bytes.Buffer
	step := (len(dictionary) + parts - 1) / parts
	for from := 0; from < len(dictionary); from += step {
		piece := dictionary[from:min(from+step, len(dictionary))]
		var z bytes.Buffer
		w, err := flate.NewWriter(&z, flate.BestCompression)
		if err != nil {
			return nil, fmt.Errorf("lemmas: %w", err)
		}
		if _, err := w.Write(piece); err != nil {
			return nil, fmt.Errorf("lemmas: %w", err)
		}
		if err := w.Close(); err != nil {
			return nil, fmt.Errorf("lemmas: %w", err)
		}
		out.Write(binary.LittleEndian.AppendUint32(nil, uint32(z.Len())))
		out.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(piece))))
		out.Write(z.Bytes())
	}
	return out.Bytes(), nil
}
