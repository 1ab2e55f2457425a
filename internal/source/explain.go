package source

import (
	"context"
	"errors"

	"otklik/internal/fault"
)

// Explained turns what a network refused into a fault with a sentence for people.
func Explained(err error) error {
	var e *Error
	switch {
	case errors.As(err, &e) && e.Sentence != "":
		return fault.New(fault.Unavailable, "the network refused: %w", err).Say(e.Sentence)
	case errors.Is(err, context.DeadlineExceeded):
		return fault.New(fault.Unavailable, "the network does not answer: %w", err).Say("Сеть не ответила за 20 секунд. Попробуйте позже.")
	case fault.Sentence(err) != "":
		return err
	}
	return fault.New(fault.Unavailable, "the network cannot be read: %w", err).Say("Прочитать не получилось. Проверьте адрес и попробуйте ещё раз.")
}
