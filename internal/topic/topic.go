// Package topic is the vocabulary of what residents write about: topics in
// groups, some of them on the fast track, in a versioned, editable taxonomy.
//
// Start with Default, the official classifier of 195 topics in 26 groups, and
// Taxonomy.ByCode. Everything that is stored or compared is a Code; names are
// for people, and Taxonomy.ByName finds a topic by a name that somebody typed,
// cut or starred. A region edits the list with Taxonomy.With, which makes the
// next version: a topic is retired, never deleted, so that old incidents keep
// their meaning.
package topic

// A Code names a topic for ever; names may be corrected, codes never change.
// It reads "group.topic", as "roads.potholes", in ASCII.
type Code string

// Undefined is the honest answer «не определено»: the machine saw a complaint
// but no topic it would put its name to. It stands in no taxonomy.
const Undefined Code = "undefined"

// UndefinedName is what people read for Undefined.
const UndefinedName = "не определено"

// A Topic is one line of the classifier.
type Topic struct {
	Code      Code   `json:"code"`
	Name      string `json:"name"`              // as on screen, without the star
	Group     string `json:"group"`             // name of the topic group
	GroupCode Code   `json:"group_code"`        // code of the topic group, the first part of a default Code
	Fast      bool   `json:"fast,omitempty"`    // fast track (★): the short deadline of DOMAIN.md §4 applies
	Retired   bool   `json:"retired,omitempty"` // no longer given to new incidents; old ones keep it
}

// A Group is a group of topics.
type Group struct {
	Code   Code    `json:"code"`
	Name   string  `json:"name"`
	Topics []Topic `json:"topics"` // in the order of the classifier, without retired ones
}

// A Taxonomy is one version of the list of topics, in the order of the
// classifier. Treat it as a value that is never changed; With makes a new one.
type Taxonomy struct {
	Name    string  `json:"name"`
	Version int     `json:"version"` // from 1; an edit makes the next
	Topics  []Topic `json:"topics"`
}

// ByCode returns the topic of the code, retired or not. Undefined is found too:
// its Topic has only code and name.
func (t *Taxonomy) ByCode(code Code) (Topic, bool) {
	for i := range t.Topics {
		if t.Topics[i].Code == code {
			return t.Topics[i], true
		}
	}
	if code == Undefined {
		return Topic{Code: Undefined, Name: UndefinedName}, true
	}
	return Topic{}, false
}

// Groups returns the groups in the order in which the classifier first names
// them. A group whose topics are all retired is left out.
func (t *Taxonomy) Groups() []Group {
	var groups []Group
	at := map[Code]int{}
	for _, tp := range t.Topics {
		if tp.Retired {
			continue
		}
		i, ok := at[tp.GroupCode]
		if !ok {
			i = len(groups)
			at[tp.GroupCode] = i
			groups = append(groups, Group{Code: tp.GroupCode, Name: tp.Group})
		}
		groups[i].Topics = append(groups[i].Topics, tp)
	}
	return groups
}

// Active returns the topics that may be given to new incidents, in order.
func (t *Taxonomy) Active() []Topic {
	active := make([]Topic, 0, len(t.Topics))
	for _, tp := range t.Topics {
		if !tp.Retired {
			active = append(active, tp)
		}
	}
	return active
}
