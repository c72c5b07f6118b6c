import vue from '@vitejs/plugin-vue';
import { msw } from 'msw/vite';
import { defineConfig } from 'vite';

export default defineConfig({ plugins: [vue(), msw({ mode: 'worker-only' })] });
