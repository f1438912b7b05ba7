// The head of every page: whose it is, where staff can go, and their menu. What is live stands in the slot.
const path = (rest) => (window.path_prefix ?? "") + rest;

export default {
  template: `
    <header class="pl-header" role="banner">
      <a class="pl-brand" :href="path(home)" :aria-label="brand.name">
        <img v-if="brand.logo" alt="" :src="path(brand.logo)">
        <span v-else class="pl-brand-mark" aria-hidden="true"><q-icon name="layers" /></span>
        <div>{{ brand.name }}</div>
        <div v-if="brand.lab" class="pl-brand-lab">{{ brand.lab }}</div>
      </a>
      <nav v-if="nav.length && who" class="pl-nav" aria-label="Main">
        <a v-for="link in nav" :key="link.href" :href="path(link.href)" :aria-current="link.current ? 'page' : null"
          ><div>{{ link.label }}</div></a>
      </nav>
      <div class="pl-grow"></div>
      <nav v-if="nav.length && !who" class="pl-nav" aria-label="Staff">
        <a v-for="link in nav" :key="link.href" :href="path(link.href)"><div>{{ link.label }}</div></a>
      </nav>
      <slot></slot>
      <q-btn v-if="who" flat no-caps unelevated class="pl-user" :aria-label="'Signed in as ' + who.name">
        <q-icon name="account_circle" />
        <div class="pl-wide-only pl-user-name">{{ who.name }}</div>
        <q-menu class="pl-menu" anchor="bottom right" self="top right" role="dialog" aria-label="Account and theme">
          <div class="pl-menu-who">
            <div class="pl-strong">{{ who.name }}</div>
            <div class="pl-small pl-muted">{{ who.role }}</div>
          </div>
          <a v-for="link in who.links" :key="link.href" class="pl-menu-item" :href="path(link.href)"
            ><q-icon :name="link.icon" /><div>{{ link.label }}</div></a>
          <nicegui-theme :choosable="true" />
          <form method="post" :action="path('/auth/sign-out')">
            <button class="pl-menu-item" type="submit"><q-icon name="logout" /><div>Sign out</div></button>
          </form>
        </q-menu>
      </q-btn>
    </header>`,
  props: { brand: Object, home: String, nav: Array, who: Object },
  methods: { path },
};
