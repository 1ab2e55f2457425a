package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// A binding reads the requests of one operation into a struct: fields with the tag path or
// query from the address, the field Body from the body. It is made from the struct's type
// while the operation is registered, and says the same in the description. huma.Register
// does that in code that the compiler makes anew for each type, 16 KB a time; a binding is
// data.
type binding struct {
	api    huma.API
	op     *huma.Operation
	of     reflect.Type
	params []param
	body   []int // index of Body; nil for none
	schema *huma.Schema
	usual  []usual
}

// A param is a field that the address fills.
type param struct {
	index    []int
	in, name string // in: path or query
	usual    string // when it is missing
	many     bool   // it may be given more than once
	schema   *huma.Schema
}

// A usual is what a field of the body says when it is missing.
type usual struct {
	index []int
	value reflect.Value
}

// bind describes the operation's input. A struct that it cannot read is a mistake of who
// wrote the operation, and panics.
func bind(api huma.API, op *huma.Operation, of reflect.Type) *binding {
	b := &binding{api: api, op: op, of: of}
	known := api.OpenAPI().Components.Schemas
	for _, f := range reflect.VisibleFields(of) {
		p := param{index: f.Index, in: "path", name: f.Tag.Get("path"), usual: f.Tag.Get("default")}
		var explode *bool
		if p.name == "" {
			var how string
			p.in = "query"
			p.name, how, _ = strings.Cut(f.Tag.Get("query"), ",")
			p.many = how == "explode"
			explode = &p.many
		}
		if f.Anonymous || p.name == "" {
			continue
		}
		p.schema = huma.SchemaFromField(known, f, "")
		op.Parameters = append(op.Parameters, &huma.Param{Name: p.name, Description: p.schema.Description, In: p.in, Explode: explode, Required: p.in == "path", Schema: p.schema})
		b.params = append(b.params, p)
	}
	f, ok := of.FieldByName("Body")
	if !ok {
		return b
	}
	hint := op.OperationID + "Request"
	if of.Name() != "" {
		hint = of.Name() + f.Name
	}
	b.body, b.schema = f.Index, huma.SchemaFromField(known, f, hint)
	b.schema.PrecomputeMessages()
	if op.RequestBody == nil { // else the operation has said whether it needs one
		op.RequestBody = &huma.RequestBody{Required: f.Type.Kind() != reflect.Pointer}
	}
	op.RequestBody.Content = map[string]*huma.MediaType{"application/json": {Schema: b.schema}}
	b.usuals(f.Type, nil)
	return b
}

// usuals collects the fields of the body that have a default.
func (b *binding) usuals(of reflect.Type, under []int) {
	if of.Kind() != reflect.Struct {
		return
	}
	for k := range of.NumField() {
		f := of.Field(k)
		index := append(slices.Clone(under), k)
		text, ok := f.Tag.Lookup("default")
		if !ok {
			b.usuals(f.Type, index)
			continue
		}
		v := reflect.New(f.Type).Elem()
		if _, err := set(v, text); err != nil {
			panic(fmt.Sprintf("%s: the default of %s: %v", b.op.OperationID, f.Name, err))
		}
		b.usual = append(b.usual, usual{index, v})
	}
}

// read returns a pointer to the filled struct. Where the request does not fit it answers
// with all that is wrong and returns nil.
func (b *binding) read(c huma.Context) any {
	in := reflect.New(b.of)
	said := &huma.ValidateResult{}
	status := b.address(c, in.Elem(), said)
	if status == 0 && b.body != nil {
		var detail string
		if status, detail = b.words(c, in.Elem(), said); detail != "" {
			_ = huma.WriteErr(b.api, c, status, detail) // who hung up hears nothing
			return nil
		}
	}
	if len(said.Errors) > 0 {
		if status == 0 {
			status = http.StatusUnprocessableEntity
		}
		_ = huma.WriteErr(b.api, c, status, "validation failed", said.Errors...) // as above
		return nil
	}
	return in.Interface()
}

// address reads path and query. A status says that nothing else is worth reading.
func (b *binding) address(c huma.Context, in reflect.Value, said *huma.ValidateResult) (status int) {
	at := huma.NewPathBuffer(make([]byte, 0, 64), 0)
	place := func(in, name string) {
		at.Reset()
		at.Push(in)
		at.Push(name)
	}
	u := c.URL()
	query := u.Query()
	for key := range query { // a filter that is spelt wrong must not show everything
		if !slices.ContainsFunc(b.params, func(p param) bool { return p.in == "query" && p.name == key }) {
			place("query", key)
			said.Add(at, "", "unknown query parameter")
			status = http.StatusUnprocessableEntity
		}
	}
	if status != 0 {
		return status
	}
	for _, p := range b.params {
		place(p.in, p.name)
		values := query[p.name]
		if p.in == "path" {
			values = []string{c.Param(p.name)}
		}
		if len(values) == 0 || values[0] == "" {
			values = []string{p.usual}
		}
		if values[0] == "" {
			if p.in == "path" {
				said.Add(at, "", "required path parameter is missing")
			}
			continue
		}
		if !p.many {
			values = values[:1]
		}
		got, err := set(in.FieldByIndex(p.index), values...)
		if err != nil {
			said.Add(at, values[0], err.Error())
			continue
		}
		huma.Validate(b.api.OpenAPI().Components.Schemas, p.schema, at, huma.ModeWriteToServer, got, said)
	}
	return 0
}

// set reads a field and returns the value as a schema sees it.
func set(f reflect.Value, values ...string) (any, error) {
	text := values[0]
	switch f.Interface().(type) {
	case time.Time:
		t, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			return nil, errors.New("invalid date/time for format " + time.RFC3339Nano)
		}
		f.Set(reflect.ValueOf(t))
		return text, nil
	case []string:
		f.Set(reflect.ValueOf(values))
		return values, nil
	}
	switch f.Kind() {
	case reflect.String:
		f.SetString(text)
		return text, nil
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, errors.New("invalid integer")
		}
		f.SetInt(n)
		return n, nil
	case reflect.Float64:
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, errors.New("invalid float")
		}
		f.SetFloat(n)
		return n, nil
	case reflect.Bool:
		yes, err := strconv.ParseBool(text)
		if err != nil {
			return nil, errors.New("invalid boolean")
		}
		f.SetBool(yes)
		return yes, nil
	}
	panic("a parameter of type " + f.Type().String() + " cannot be read")
}

// bodyTime is how long a caller may take to send a body.
const bodyTime = 5 * time.Second

// words reads the body. A detail says that it could not be read to its end.
func (b *binding) words(c huma.Context, in reflect.Value, said *huma.ValidateResult) (status int, detail string) {
	_ = c.SetReadDeadline(time.Now().Add(bodyTime)) // a recorder of tests has none
	var buf bytes.Buffer
	if r := c.BodyReader(); r != nil {
		n, err := io.Copy(&buf, io.LimitReader(r, b.op.MaxBodyBytes))
		var slow net.Error
		switch {
		case n == b.op.MaxBodyBytes:
			return http.StatusRequestEntityTooLarge, fmt.Sprintf("request body is too large limit=%d bytes", b.op.MaxBodyBytes)
		case errors.As(err, &slow) && slow.Timeout():
			return http.StatusRequestTimeout, "request body read timeout"
		case err != nil:
			return http.StatusInternalServerError, "cannot read request body"
		}
	}
	switch {
	case buf.Len() == 0 && b.op.RequestBody.Required:
		return http.StatusBadRequest, "request body is required"
	case buf.Len() == 0:
		return 0, ""
	}
	sort := c.Header("Content-Type")
	if sort == "" {
		sort = "application/json"
	}
	wrong := func(err error) {
		said.Errors = append(said.Errors, &huma.ErrorDetail{Location: "body", Message: err.Error()})
	}
	var parsed any
	if err := b.api.Unmarshal(sort, buf.Bytes(), &parsed); err != nil {
		wrong(err)
		if errors.Is(err, huma.ErrUnknownContentType) {
			return http.StatusUnsupportedMediaType, ""
		}
		return http.StatusBadRequest, ""
	}
	before := len(said.Errors)
	at := huma.NewPathBuffer(make([]byte, 0, 64), 0)
	at.Push("body")
	huma.Validate(b.api.OpenAPI().Components.Schemas, b.schema, at, huma.ModeWriteToServer, parsed, said)
	body := in.FieldByIndex(b.body)
	if err := json.Unmarshal(buf.Bytes(), body.Addr().Interface()); err != nil && len(said.Errors) == before {
		wrong(err)
	}
	for _, u := range b.usual {
		if f := body.FieldByIndex(u.index); f.IsZero() {
			f.Set(u.value)
		}
	}
	return 0, ""
}
