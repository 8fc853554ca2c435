using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace ModelCompiler.Runtime.Tests.Plugin;

/// <summary>
/// A shared library for Linux x64, written byte by byte (ELF, System V ABI): its two functions jump to wherever its table says, which here is managed
/// code. So a provider's library can be had without a C compiler.
/// </summary>
internal static unsafe class TrampolineLibrary
{
    private const int DataStart = 0x1000;
    private const int SymbolBytes = 24;
    private const string Table = "ModelCompilerTable";

    private static readonly string[] Functions = ["CreateEpFactories", "ReleaseEpFactory"];

    /// <summary>Why it cannot be used here; null where it can.</summary>
    public static string? Unavailable => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64 ? null : "The library is written for Linux x64.";

    /// <summary>Writes and loads it.</summary>
    /// <param name="path">Where.</param>
    /// <param name="create">What <c>CreateEpFactories</c> is.</param>
    /// <param name="release">What <c>ReleaseEpFactory</c> is.</param>
    public static void Write(string path, nint create, nint release)
    {
        File.WriteAllBytes(path, Bytes());
        nint* table = (nint*)NativeLibrary.GetExport(NativeLibrary.Load(path), Table);
        table[0] = create;
        table[1] = release;
    }

    private static byte[] Bytes()
    {
        string[] names = [.. Functions, Table];
        byte[] strings = Encoding.ASCII.GetBytes("\0" + string.Join('\0', names) + "\0");
        const int HeaderEnd = 64 + (4 * 56);
        const int Hash = HeaderEnd;
        int symbols = Hash + (4 * (2 + 1 + names.Length + 1));
        symbols = (symbols + 7) & ~7;
        int text = symbols + (SymbolBytes * (names.Length + 1));
        int code = (text + strings.Length + 15) & ~15;
        int table = DataStart + (6 * 16);

        var file = new byte[table + (8 * Functions.Length)];
        WriteHeaders(file);
        // One bucket: 1, 2, 3, end.
        WriteInts(file, Hash, 1, names.Length + 1, 1, 0, 2, 3, 0);
        int name = 1;
        for (int i = 0; i < names.Length; i++)
        {
            bool isFunction = i < Functions.Length;
            Span<byte> symbol = file.AsSpan(symbols + (SymbolBytes * (i + 1)), SymbolBytes);
            BinaryPrimitives.WriteInt32LittleEndian(symbol, name);
            // Global, a function or an object, in some section.
            symbol[4] = (byte)(0x10 | (isFunction ? 2 : 1));
            symbol[6] = 1;
            BinaryPrimitives.WriteInt64LittleEndian(symbol[8..], isFunction ? code + (8 * i) : table);
            BinaryPrimitives.WriteInt64LittleEndian(symbol[16..], 8);
            name += names[i].Length + 1;
        }

        strings.CopyTo(file, text);
        for (int i = 0; i < Functions.Length; i++)
        {
            // jmp [rip + distance]
            int at = code + (8 * i);
            (file[at], file[at + 1]) = (0xFF, 0x25);
            WriteInts(file, at + 2, table + (8 * i) - (at + 6));
        }

        // DT_HASH, DT_STRTAB, DT_SYMTAB, DT_STRSZ, DT_SYMENT, DT_NULL
        WriteLongs(file, DataStart, 4, Hash, 5, text, 6, symbols, 10, strings.Length, 11, SymbolBytes, 0, 0);
        return file;
    }

    private static void WriteHeaders(byte[] file)
    {
        byte[] identity = [0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1];
        identity.CopyTo(file, 0);
        // ET_DYN for x86-64, program headers behind this one.
        WriteInts(file, 16, 3 | (62 << 16), 1);
        WriteLongs(file, 32, 64);
        WriteInts(file, 52, 64 | (56 << 16), 4);
        int data = file.Length - DataStart;
        WriteSegment(file, 0, type: 1, flags: 5, start: 0, bytes: DataStart);
        WriteSegment(file, 1, type: 1, flags: 6, DataStart, data);
        WriteSegment(file, 2, type: 2, flags: 6, DataStart, data);
        // PT_GNU_STACK: the stack is not executed.
        WriteSegment(file, 3, type: 0x6474E551, flags: 6, start: 0, bytes: 0);
    }

    private static void WriteSegment(byte[] file, int index, int type, int flags, int start, int bytes)
    {
        int at = 64 + (56 * index);
        WriteInts(file, at, type, flags);
        WriteLongs(file, at + 8, start, start, start, bytes, bytes, DataStart);
    }

    private static void WriteInts(byte[] file, int at, params int[] values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at + (4 * i)), values[i]);
        }
    }

    private static void WriteLongs(byte[] file, int at, params long[] values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(at + (8 * i)), values[i]);
        }
    }
}
