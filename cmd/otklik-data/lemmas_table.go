package main

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// blockWords is how many words a block of a table holds at most: enough that
// few heads are searched, few enough that a block is read in two lines of memory.
const blockWords = 16

// packTable packs sorted keys with a number each for reading in place: blocks
// of words, each word told as its difference to the one before. What a search
// needs of the blocks is made of them when the table is opened.
//
//	uint32    number of blocks, n
//	uint32    bytes of a number: 2, or 3 where numbers are large
//	n times   uint8 bytes of a block
//	blocks:   the length of the first key, the key, its number;
//	          then for each word a byte (letters dropped from the end of the one
//	          before, times 16, plus letters added), the letters added, the number;
//	          a byte 0 ends the block
//
// A change of more than 15 letters begins a block.
func packTable(keys [][]byte, numbers []int) ([]byte, error) {
	width := 2
	if len(numbers) > 0 && slices.Max(numbers) > 0xffff {
		width = 3
	}
	var lengths, body []byte
	count, begin := 0, 0 // words of the block that is written, where it begins
	var last []byte
	end := func() error {
		body = append(body, 0)
		if len(body)-begin > 0xff {
			return fmt.Errorf("a block of %d bytes: fewer than %d words must go into one", len(body)-begin, blockWords)
		}
		lengths = append(lengths, byte(len(body)-begin))
		begin = len(body)
		return nil
	}
	for i, key := range keys {
		if numbers[i] > 0xffffff || len(key) > 0xff || len(key) == 0 {
			return nil, fmt.Errorf("the table cannot hold number %d or %d letters", numbers[i], len(key))
		}
		shared := 0
		for shared < min(len(key), len(last)) && key[shared] == last[shared] {
			shared++
		}
		drop, add := len(last)-shared, key[shared:]
		if count%blockWords == 0 || drop > 15 || len(add) > 15 {
			if count > 0 {
				if err := end(); err != nil {
					return nil, err
				}
			}
			body = append(append(body, byte(len(key))), key...)
			count = 0
		} else {
			body = append(append(body, byte(drop<<4|len(add))), add...)
		}
		body = append(body, binary.LittleEndian.AppendUint32(nil, uint32(numbers[i]))[:width]...)
		count++
		last = key
	}
	if err := end(); err != nil {
		return nil, err
	}
	out := binary.LittleEndian.AppendUint32(nil, uint32(len(lengths)))
	out = binary.LittleEndian.AppendUint32(out, uint32(width))
	return append(append(out, lengths...), body...), nil
}
