using System.Runtime.InteropServices;
using System.Text;

namespace ModelCompiler.Runtime.Native;

/// <summary>Text that comes from the library.</summary>
internal static unsafe class Utf8
{
    /// <summary>A string that ends with a zero byte; empty for null. Bytes that are not UTF-8 become U+FFFD.</summary>
    public static string Read(byte* text) =>
        Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));
}
