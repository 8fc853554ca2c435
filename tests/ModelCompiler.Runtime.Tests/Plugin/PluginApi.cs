using System.Runtime.InteropServices;
using System.Text;
using ModelCompiler.Runtime.Native;

namespace ModelCompiler.Runtime.Tests.Plugin;

/// <summary>The functions of ONNX Runtime's C API that a provider calls, by slot (version 1.23 or newer).</summary>
internal static unsafe class PluginApi
{
    /// <summary>The version of the API that the plugin is written for.</summary>
    public const int Version = 23;

    private const int ValueInfoName = 289;
    private const int StringAttribute = 5;
    private const int IntAttribute = 1;

    private static nint* _api;
    private static nint* _providerApi;
    private static nint* _editorApi;

    public static void Bind(OrtApiBase* apiBase)
    {
        _api = apiBase->GetApi(Version);
        _providerApi = (nint*)((delegate* unmanaged<nint>)_api[317])();
        _editorApi = (nint*)((delegate* unmanaged<nint>)_api[291])();
    }

    public static nint Error(string message) => ((delegate* unmanaged<int, byte*, nint>)_api[0])(1, Text(message));

    public static int DeviceType(nint hardware) => ((delegate* unmanaged<nint, int>)_api[307])(hardware);

    public static nint CreateDevice(nint factory, nint hardware, nint* device) =>
        ((delegate* unmanaged<nint, nint, nint, nint, nint*, nint>)_providerApi[0])(factory, hardware, 0, 0, device);

    public static nint Fuse(nint support, nint node) =>
        ((delegate* unmanaged<nint, nint*, nuint, nint*, nint>)_providerApi[2])(support, &node, 1, null);

    public static string? SessionEntry(nint options, string key)
    {
        nuint size = 0;
        int has;
        Check(((delegate* unmanaged<nint, byte*, int*, nint>)_api[237])(options, Text(key), &has));
        if (has == 0)
        {
            return null;
        }

        Check(((delegate* unmanaged<nint, byte*, byte*, nuint*, nint>)_api[238])(options, Text(key), null, &size));
        byte* value = stackalloc byte[(int)size];
        Check(((delegate* unmanaged<nint, byte*, byte*, nuint*, nint>)_api[238])(options, Text(key), value, &size));
        return Marshal.PtrToStringUTF8((nint)value);
    }

    public static nint[] Nodes(nint graph) => List(graph, 344, 345);

    public static string Operator(nint node) => TextOf(node, 350);

    public static string Name(nint node) => TextOf(node, 349);

    public static string ModelPath(nint graph) => TextOf(graph, 334);

    public static string[] Inputs(nint node) => Array.ConvertAll(List(node, 353, 354), value => TextOf(value, ValueInfoName));

    public static string[] Outputs(nint node) => Array.ConvertAll(List(node, 355, 356), value => TextOf(value, ValueInfoName));

    public static string TextAttribute(nint node, string name)
    {
        nint attribute;
        Check(((delegate* unmanaged<nint, byte*, nint*, nint>)_api[361])(node, Text(name), &attribute));
        byte* value = stackalloc byte[512];
        nuint length;
        Check(((delegate* unmanaged<nint, int, void*, nuint, nuint*, nint>)_api[272])(attribute, StringAttribute, value, 512, &length));
        return Encoding.UTF8.GetString(value, (int)length);
    }

    /// <summary>A node that stands for what a fused node was compiled into.</summary>
    public static nint ContextNode(nint fused, string source, string content, bool isEmbedded)
    {
        nint* attributes = stackalloc nint[4];
        attributes[0] = Attribute("source", source);
        attributes[1] = Attribute("ep_cache_context", content);
        attributes[2] = Attribute("embed_mode", isEmbedded ? 1 : 0);
        attributes[3] = Attribute("main_context", 1);
        var inputs = Array.ConvertAll(Inputs(fused), input => (nint)Text(input));
        var outputs = Array.ConvertAll(Outputs(fused), output => (nint)Text(output));
        nint node;
        fixed (nint* inputNames = inputs)
        fixed (nint* outputNames = outputs)
        {
            Check(((delegate* unmanaged<byte*, byte*, byte*, nint*, nuint, nint*, nuint, nint*, nuint, nint*, nint>)_editorApi[6])(
                Text("EPContext"), Text("com.microsoft"), Text(Name(fused)), inputNames, (nuint)inputs.Length, outputNames, (nuint)outputs.Length, attributes, 4, &node));
        }

        return node;
    }

    public static int InputCount(nint context)
    {
        nuint count;
        Check(((delegate* unmanaged<nint, nuint*, nint>)_api[88])(context, &count));
        return (int)count;
    }

    /// <summary>The elements of an input of a run, floats, and its shape.</summary>
    public static ReadOnlySpan<float> Input(nint context, int index, out long[] shape)
    {
        nint value, info;
        Check(((delegate* unmanaged<nint, nuint, nint*, nint>)_api[90])(context, (nuint)index, &value));
        Check(((delegate* unmanaged<nint, nint*, nint>)_api[(int)OrtFunction.GetTensorTypeAndShape])(value, &info));
        nuint rank;
        Check(((delegate* unmanaged<nint, nuint*, nint>)_api[(int)OrtFunction.GetDimensionsCount])(info, &rank));
        shape = new long[rank];
        fixed (long* dimensions = shape)
        {
            Check(((delegate* unmanaged<nint, long*, nuint, nint>)_api[(int)OrtFunction.GetDimensions])(info, dimensions, rank));
        }

        ((delegate* unmanaged<nint, void>)_api[(int)OrtFunction.ReleaseTensorTypeAndShapeInfo])(info);
        return new ReadOnlySpan<float>(Data(value), (int)shape.Aggregate(1L, (a, b) => a * b));
    }

    /// <summary>The elements of an output of a run, which gets a shape by this.</summary>
    public static Span<float> Output(nint context, int index, long[] shape)
    {
        nint value;
        fixed (long* dimensions = shape)
        {
            Check(((delegate* unmanaged<nint, nuint, long*, nuint, nint*, nint>)_api[91])(context, (nuint)index, dimensions, (nuint)shape.Length, &value));
        }

        return new Span<float>(Data(value), (int)shape.Aggregate(1L, (a, b) => a * b));
    }

    /// <summary>A zero-terminated text that stays: a test makes few.</summary>
    public static byte* Text(string text) => (byte*)Marshal.StringToCoTaskMemUTF8(text);

    private static void* Data(nint value)
    {
        void* data;
        Check(((delegate* unmanaged<nint, void**, nint>)_api[(int)OrtFunction.GetTensorMutableData])(value, &data));
        return data;
    }

    private static nint Attribute(string name, string value)
    {
        nint attribute;
        Check(((delegate* unmanaged<byte*, void*, int, int, nint*, nint>)_api[211])(Text(name), Text(value), Encoding.UTF8.GetByteCount(value), StringAttribute, &attribute));
        return attribute;
    }

    private static nint Attribute(string name, long value)
    {
        nint attribute;
        Check(((delegate* unmanaged<byte*, void*, int, int, nint*, nint>)_api[211])(Text(name), &value, 1, IntAttribute, &attribute));
        return attribute;
    }

    private static nint[] List(nint owner, int countSlot, int listSlot)
    {
        nuint count;
        Check(((delegate* unmanaged<nint, nuint*, nint>)_api[countSlot])(owner, &count));
        var items = new nint[count];
        fixed (nint* first = items)
        {
            Check(((delegate* unmanaged<nint, nint*, nuint, nint>)_api[listSlot])(owner, first, count));
        }

        return items;
    }

    private static string TextOf(nint owner, int slot)
    {
        nint text;
        Check(((delegate* unmanaged<nint, nint*, nint>)_api[slot])(owner, &text));
        return Marshal.PtrToStringUTF8(text)!;
    }

    private static void Check(nint status)
    {
        if (status != 0)
        {
            throw new InvalidOperationException(Marshal.PtrToStringUTF8(((delegate* unmanaged<nint, nint>)_api[(int)OrtFunction.GetErrorMessage])(status)));
        }
    }
}
