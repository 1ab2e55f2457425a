package message

import (
	"encoding/json"

	"otklik/internal/fault"
)

// Encode returns the message as it is kept in the inbox and beside what was set aside.
func Encode(m *Message) ([]byte, error) { return json.Marshal(m) }

// Decode reads what Encode wrote.
func Decode(payload []byte) (*Message, error) {
	var m Message
	if err := json.Unmarshal(payload, &m); err != nil {
		return nil, fault.New(fault.Invalid, "stored message cannot be read")
	}
	return &m, nil
}
