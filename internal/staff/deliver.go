package staff

import "otklik/internal/desk"

// deliverWords tell in the history how a reply on its way was seen to.
var deliverWords = map[string]string{
	desk.HowNow:     "отправлено сейчас, не дожидаясь срока",
	desk.HowRecall:  "ответ отозван, он никуда не ушёл",
	desk.HowStands:  "человек подтвердил: ответ стоит",
	desk.HowProven:  "ответ, опубликованный вручную, найден в ветке",
	desk.HowResend:  "ответа под сообщением нет, отправлен ещё раз",
	desk.HowPause:   "рассылка приостановлена",
	desk.HowResume:  "рассылка возобновлена",
	desk.HowCancel:  "рассылка отменена, что не ушло — не уйдёт",
	desk.HowBounced: "ответ не доставлен",
	desk.HowAll:     "ответ всем утверждён и рассылается",

	desk.HowPrinted:     "напечатан ответ для заявителя",
	desk.HowPrivateLink: "взята ссылка на личную часть ответа",
	desk.HowPrivateRead: "личную часть ответа открыли по ссылке",
}

// massWords say why an incident is mass.
var massWords = map[string]string{"person": "", "burst": "всплеск похожих сообщений", "merge": "сообщений стало много"}
