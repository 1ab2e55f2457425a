// The residents' form without a connection: what is typed stays in this browser until the
// form is sent, and the place can be taken from the device. Everything works without this.
(function () {
  'use strict';
  var name = 'otklik-draft', store = null;
  try { store = window.localStorage; store.getItem(name); } catch (e) { store = null; }
  var read = function () { try { return JSON.parse(store.getItem(name)) || {}; } catch (e) { return {}; } };
  if (document.querySelector('[data-filed]')) {
    if (store) store.removeItem(name);
    return;
  }
  var form = document.querySelector('form[data-report]');
  if (!form) return;
  var note = form.querySelector('[data-draft-note]');
  var say = function (text) { if (note) { note.textContent = text; note.hidden = false; } };
  form.querySelectorAll('[data-draft]').forEach(function (field) {
    if (!store) return;
    var old = read();
    if (!field.value && old[field.name]) {
      field.value = old[field.name];
      say('Восстановили то, что вы начали писать на этом устройстве.');
    }
    field.addEventListener('input', function () {
      var now = read();
      now[field.name] = field.value;
      try { store.setItem(name, JSON.stringify(now)); } catch (e) { /* the device is full: the page itself still holds it */ }
    });
  });
  form.addEventListener('submit', function (event) {
    if (navigator.onLine !== false) return;
    event.preventDefault();
    var problem = document.getElementById('offline') || document.createElement('p');
    problem.id = 'offline';
    problem.className = 'portal-problem';
    problem.setAttribute('role', 'alert');
    problem.textContent = 'Нет связи. Набранное сохранено на этом устройстве: отправьте, когда связь появится.';
    form.parentNode.insertBefore(problem, form);
  });
  var place = form.querySelector('[data-position]');
  if (!place || !navigator.geolocation) return;
  place.hidden = false;
  var told = place.querySelector('[role=status]');
  place.querySelector('button').addEventListener('click', function () {
    told.textContent = 'Определяем…';
    navigator.geolocation.getCurrentPosition(function (at) {
      form.elements.lat.value = at.coords.latitude.toFixed(6);
      form.elements.lon.value = at.coords.longitude.toFixed(6);
      told.textContent = 'Место взяли, точность около ' + Math.round(at.coords.accuracy) + ' м.';
    }, function () { told.textContent = 'Не получилось: напишите адрес словами.'; }, { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 });
  });
})();
