package kind

import _ "embed"

//go:embed peril.txt
var perilText string

// newPeril finds people in danger: who does not want to live, is beaten, lost, shut in,
// drowning or lying, a child above all. Figures of speech share its words («убью за такие
// дороги», «пропал свет», «дети тонут в грязи»), so a rule asks for who does what to whom.
func newPeril(r Reader) (*urgent, error) {
	lex, err := newLexicon(perilText, r)
	if err != nil {
		return nil, err
	}
	u := &urgent{lex: lex}
	u.add(Danger, 0, "угроза жизни: не хочет жить", "suicide")
	u.add(Danger, 0, "угроза жизни: не хочет жить", "unliving").unless(lex, "here")
	u.add(Danger, 4, "ребёнка бьют", "beat", "childof")
	u.add(Danger, 3, "ребёнка бьют", "strike", "childof")
	u.add(Danger, 5, "ребёнок в беде", "neglect", "child")
	u.add(Danger, 10, "ребёнок в беде: взрослые пьют", "drinks", "parent", "child")
	u.add(Danger, 8, "ребёнок в беде: плачет, никто не открывает", "cries", "child", "shut")
	u.add(Danger, 8, "к детям пристают", "predator", "child")
	u.add(Danger, 8, "ребёнок в опасном месте", "exposed", "child")
	u.add(Danger, 6, "ребёнок в опасном месте", "climb", "child", "peak")
	u.add(Danger, 2, "пропал ребёнок", "lost", "childis")
	u.add(Danger, 6, "пропал ребёнок", "gone", "childis")
	u.add(Danger, 2, "пропал человек", "lost", "alone1").unless(lex, "spare")
	u.add(Danger, 4, "насилие: бьют человека", "beat", "victim")
	u.add(Danger, 4, "насилие: бьют человека", "strike", "attacker", "victim")
	u.add(Danger, 2, "насилие: бьют человека", "strike", "victimf")
	u.add(Danger, 5, "насилие: угрожают оружием", "weapon", "threaten")
	u.add(Danger, 4, "насилие: угрожают оружием", "armed", "human|attacker|came")
	u.add(Danger, 4, "насилие: угрожают убить", "menace", "kill")
	u.add(Danger, 0, "насилие: держат взаперти", "captive")
	u.add(Danger, 0, "насилие: стрельба, захват", "shoot").unless(lex, "play")
	u.add(Danger, 5, "угроза жизни: человек на краю", "edge", "alone1")
	u.add(Danger, 5, "угроза жизни: тонет человек", "drown", "child|human").unless(lex, "mud")
	u.add(Danger, 6, "угроза жизни: людей топит", "deluge", "child|human|dwelling").unless(lex, "mud")
	u.add(Danger, 5, "угроза жизни: человек провалился", "falls", "child|human", "pit")
	u.add(Danger, 8, "угроза жизни: человек лежит или не отвечает", "lies", "alone1").unless(lex, "spare")
	u.add(Danger, 2, "угроза жизни: человек лежит или не отвечает", "lays", "alone1").unless(lex, "spare")
	u.add(Danger, 8, "угроза жизни: человеку плохо", "dying", "drug")
	u.add(Danger, 3, "угроза жизни: нет инсулина", "insulin", "ends")
	u.add(Danger, 8, "угроза жизни: ждут скорую", "ambulance", "bad")
	u.add(Danger, 10, "угроза жизни: ждут скорую", "ambulance", "runover")
	u.add(Danger, 3, "пожар", "blaze", "dwelling").unless(lex, "lamp")
	u.add(Danger, 0, "пожар", "kindled").unless(lex, "lamp")
	u.add(Danger, 5, "пожар: взрыв", "boom", "blast")
	u.add(Danger, 0, "угарный газ", "fume").unless(lex, "lamp")
	u.add(Danger, 6, "отравились люди", "poisoned", "child|human")
	u.add(Danger, 8, "угроза жизни: пьяный водитель", "drunk", "bus")
	u.add(Danger, 6, "дикий зверь рядом с людьми", "beast", "came", "town").unless(lex, "play")
	u.add(Danger, 10, "угроза жизни: застряли в мороз", "stuck", "highway", "freeze")
	return u, nil
}
