package gazetteer

import "errors"

// split notes the strings and groups of the block in p.data.
func (p *pbfReader) split() error {
	p.strings, p.groups = p.strings[:0], p.groups[:0]
	p.dense.granularity, p.dense.lat0, p.dense.lon0 = 100, 0, 0
	err := fields(p.data, func(field int, v uint64, b []byte) error {
		switch field {
		case 1:
			return fields(b, func(field int, _ uint64, s []byte) error {
				if field == 1 {
					p.strings = append(p.strings, s)
				}
				return nil
			})
		case 2:
			p.groups = append(p.groups, b)
		case 17:
			p.dense.granularity = int64(v)
		case 19:
			p.dense.lat0 = int64(v)
		case 20:
			p.dense.lon0 = int64(v)
		}
		return nil
	})
	if err != nil {
		return p.bad("the block is damaged")
	}
	return nil
}

// A denseRoom holds the scale of a block, and scratch for its nodes.
type denseRoom struct {
	granularity, lat0, lon0 int64
}

func (d *denseRoom) degrees(lat, lon int64) (float64, float64) {
	return 1e-9 * float64(d.lat0+d.granularity*lat), 1e-9 * float64(d.lon0+d.granularity*lon)
}

// visit tells the elements of the block that was read.
func (p *pbfReader) visit(v pbfVisitor) error {
	for _, g := range p.groups {
		err := fields(g, func(field int, _ uint64, b []byte) error {
			switch {
			case field == 1 && v.node != nil:
				return p.plainNode(b, v.node)
			case field == 2 && v.node != nil:
				return p.denseNodes(b, v.node)
			case field == 3 && v.way != nil:
				return p.way(b, v.way)
			case field == 4 && v.relation != nil:
				return p.relation(b, v.relation)
			}
			return nil
		})
		if errors.Is(err, errPBF) {
			return p.bad("an element of the block is damaged")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// holds reports which kinds of elements the block has.
func (p *pbfReader) holds() (nodes, ways, relations bool) {
	for _, g := range p.groups {
		_ = fields(g, func(field int, _ uint64, _ []byte) error {
			nodes = nodes || field == 1 || field == 2
			ways = ways || field == 3
			relations = relations || field == 4
			return nil
		})
	}
	return nodes, ways, relations
}

func (p *pbfReader) blank() *pbfElement {
	e := &p.element
	*e = pbfElement{refs: e.refs[:0], outer: e.outer[:0], tags: pbfTags{strings: p.strings, pairs: e.tags.pairs[:0]}}
	return e
}

// join joins the keys and values of an element, which lie in two runs.
func (e *pbfElement) join(keys, values packed) error {
	for len(keys) > 0 {
		k, ok1 := keys.next()
		v, ok2 := values.next()
		if !ok1 || !ok2 {
			return errPBF
		}
		e.tags.pairs = append(e.tags.pairs, uint32(k), uint32(v))
	}
	return nil
}

func (p *pbfReader) plainNode(m []byte, yield func(*pbfElement) error) error {
	e := p.blank()
	var keys, values packed
	var lat, lon int64
	err := fields(m, func(field int, v uint64, b []byte) error {
		switch field {
		case 1:
			e.id = zigzag(v)
		case 2:
			keys = b
		case 3:
			values = b
		case 8:
			lat = zigzag(v)
		case 9:
			lon = zigzag(v)
		}
		return nil
	})
	if err == nil {
		err = e.join(keys, values)
	}
	if err != nil {
		return err
	}
	e.lat, e.lon = p.dense.degrees(lat, lon)
	return yield(e)
}

func (p *pbfReader) denseNodes(m []byte, yield func(*pbfElement) error) error {
	var ids, lats, lons, tags packed
	err := fields(m, func(field int, _ uint64, b []byte) error {
		switch field {
		case 1:
			ids = b
		case 8:
			lats = b
		case 9:
			lons = b
		case 10:
			tags = b
		}
		return nil
	})
	if err != nil {
		return err
	}
	var id, lat, lon int64
	tagged := len(tags) > 0
	for len(ids) > 0 {
		a, ok1 := ids.next()
		b, ok2 := lats.next()
		c, ok3 := lons.next()
		if !ok1 || !ok2 || !ok3 {
			return errPBF
		}
		id, lat, lon = id+zigzag(a), lat+zigzag(b), lon+zigzag(c)
		e := p.blank()
		e.id = id
		e.lat, e.lon = p.dense.degrees(lat, lon)
		for tagged {
			k, ok := tags.next()
			if !ok {
				return errPBF
			}
			if k == 0 {
				break
			}
			v, ok := tags.next()
			if !ok {
				return errPBF
			}
			e.tags.pairs = append(e.tags.pairs, uint32(k), uint32(v))
		}
		if err := yield(e); err != nil {
			return err
		}
	}
	return nil
}

func (p *pbfReader) way(m []byte, yield func(*pbfElement) error) error {
	e := p.blank()
	var keys, values, refs packed
	err := fields(m, func(field int, v uint64, b []byte) error {
		switch field {
		case 1:
			e.id = int64(v)
		case 2:
			keys = b
		case 3:
			values = b
		case 8:
			refs = b
		}
		return nil
	})
	if err == nil {
		err = e.join(keys, values)
	}
	if err != nil {
		return err
	}
	for at := int64(0); len(refs) > 0; {
		d, ok := refs.next()
		if !ok {
			return errPBF
		}
		at += zigzag(d)
		e.refs = append(e.refs, at)
	}
	return yield(e)
}

func (p *pbfReader) relation(m []byte, yield func(*pbfElement) error) error {
	e := p.blank()
	var keys, values, roles, members, kinds packed
	err := fields(m, func(field int, v uint64, b []byte) error {
		switch field {
		case 1:
			e.id = int64(v)
		case 2:
			keys = b
		case 3:
			values = b
		case 8:
			roles = b
		case 9:
			members = b
		case 10:
			kinds = b
		}
		return nil
	})
	if err == nil {
		err = e.join(keys, values)
	}
	if err != nil {
		return err
	}
	for at := int64(0); len(members) > 0; {
		d, ok1 := members.next()
		role, ok2 := roles.next()
		kind, ok3 := kinds.next()
		if !ok1 || !ok2 || !ok3 {
			return errPBF
		}
		at += zigzag(d)
		r := string(e.tags.text(uint32(role)))
		e.refs = append(e.refs, at)
		e.outer = append(e.outer, kind == 1 && (r == "outer" || r == ""))
	}
	return yield(e)
}
