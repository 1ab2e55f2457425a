package store

import (
	"database/sql"

	"otklik/internal/fault"
)

// missing is the answer for what is not here, and for what the scope does not
// see: nobody learns which of the two.
func missing(format string, args ...any) error {
	return fault.New(fault.NotFound, format, args...).Say("Такой записи нет, или она вне вашей области видимости.")
}

func readOnly() error {
	return fault.New(fault.Internal, "store: a change through the reader; use Change")
}

// single returns the one thing found, or NotFound.
func single[T any](found []*T, err error) (*T, error) {
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, missing("nothing found")
	}
	return found[0], nil
}

func singleValue[T any](found []T, err error) (*T, error) {
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, missing("nothing found")
	}
	return &found[0], nil
}

func scanStrings(out *[]string) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var s string
		err := rows.Scan(&s)
		*out = append(*out, s)
		return err
	}
}
