package command

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

var duration = reflect.TypeFor[time.Duration]()

// many reports whether the field takes several values.
func (f *field) many() bool { return f.value.Kind() == reflect.Slice }

// element is the type of one value.
func (f *field) element() reflect.Type {
	t := f.value.Type()
	if t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

func (f *field) yesNo() bool { return !f.many() && f.element().Kind() == reflect.Bool }

func readable(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int64, reflect.Float64:
		return true
	}
	return false
}

// set takes a value in: one more of a slice, else the value.
func (f *field) set(s string) error {
	if f.enum != nil && !slices.Contains(f.enum, s) {
		return fmt.Errorf("must be one of \"%s\" but got %q", strings.Join(f.enum, `","`), s)
	}
	v := reflect.New(f.element()).Elem()
	if err := read(v, s); err != nil {
		return err
	}
	f.given = true
	switch f.value.Kind() {
	case reflect.Slice:
		f.value.Set(reflect.Append(f.value, v))
	case reflect.Pointer:
		p := reflect.New(f.element())
		p.Elem().Set(v)
		f.value.Set(p)
	default:
		f.value.Set(v)
	}
	return nil
}

func read(v reflect.Value, s string) error {
	if v.Type() == duration {
		d, err := time.ParseDuration(s)
		if err != nil {
			return fmt.Errorf("expected a duration such as 90s or 2h but got %q", s)
		}
		v.SetInt(int64(d))
		return nil
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Bool:
		switch strings.ToLower(s) {
		case "true", "1", "yes":
			v.SetBool(true)
		case "false", "0", "no":
			v.SetBool(false)
		default:
			return fmt.Errorf("must be true, 1, yes, false, 0 or no but got %q", s)
		}
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(s, 10, v.Type().Bits())
		if err != nil {
			return fmt.Errorf("expected a whole number but got %q", s)
		}
		v.SetInt(n)
	case reflect.Float64:
		n, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return fmt.Errorf("expected a number but got %q", s)
		}
		v.SetFloat(n)
	}
	return nil
}

// shown is the field as --help and errors name it.
func (f *field) shown() string {
	if f.yesNo() {
		if f.negatable {
			return "--[no-]" + f.name
		}
		return "--" + f.name
	}
	return "--" + f.name + "=" + f.sample()
}

// sample stands for the value: the placeholder, the default, or the kind.
func (f *field) sample() string {
	switch {
	case f.placeholder != "":
		return f.placeholder
	case f.preset != "" && f.element().Kind() == reflect.String:
		return strconv.Quote(f.preset)
	case f.preset != "":
		return f.preset
	case f.element().Kind() == reflect.String:
		return "STRING"
	}
	return "N"
}

// shownArg is an argument as --help and errors name it.
func (f *field) shownArg() string {
	s := "<" + f.name + ">"
	if f.many() {
		s += " ..."
	}
	if !f.required {
		return "[" + s + "]"
	}
	return s
}
