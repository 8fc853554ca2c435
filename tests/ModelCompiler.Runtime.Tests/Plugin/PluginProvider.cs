using System.Runtime.InteropServices;
using ModelCompiler.Runtime.Native;

namespace ModelCompiler.Runtime.Tests.Plugin;

/// <summary>
/// An execution provider of the tests: it takes multiplications of floats, "compiles" each into a file, and loads that again. Through ONNX Runtime's own
/// interface for providers that come as a library (<c>OrtEpFactory</c>, <c>OrtEp</c>, version 1.23).
/// </summary>
internal static unsafe class PluginProvider
{
    public const string Name = "ModelCompilerTestProvider";

    private const string Compiled = "a product, compiled";
    private const string ContentName = "product.bin";

    private static readonly Lazy<ProviderDevice> Registered = new(Register);
    private static readonly nint* Factory = Table(PluginApi.Version);

    private static int _compilations;
    private static int _loads;

    /// <summary>How many graphs were compiled in this process.</summary>
    public static int Compilations => _compilations;

    /// <summary>How many graphs were loaded that an earlier compilation left.</summary>
    public static int Loads => _loads;

    /// <summary>The device that it runs on; its library is registered by the first who asks.</summary>
    public static ProviderDevice Device => Registered.Value;

    private static ProviderDevice Register()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        string path = Path.Combine(folder, "libtest_provider.so");
        TrampolineLibrary.Write(
            path,
            (nint)(delegate* unmanaged<byte*, OrtApiBase*, nint, nint*, nuint, nuint*, nint>)&CreateFactories,
            (nint)(delegate* unmanaged<nint, nint>)&ReleaseFactory);
        OrtEnvironment.RegisterProviderLibrary(Name, path);
        // It is mapped now, and the name not needed any more.
        Directory.Delete(folder, recursive: true);
        return OrtEnvironment.Devices.Single(device => device.Provider == Name);
    }

    [UnmanagedCallersOnly]
    private static nint CreateFactories(byte* name, OrtApiBase* api, nint logger, nint* factories, nuint max, nuint* count)
    {
        PluginApi.Bind(api);
        Factory[1] = (nint)(delegate* unmanaged<nint, byte*>)&GetName;
        Factory[2] = (nint)(delegate* unmanaged<nint, byte*>)&GetVendor;
        Factory[3] = (nint)(delegate* unmanaged<nint, nint*, nuint, nint*, nuint, nuint*, nint>)&GetSupportedDevices;
        Factory[4] = (nint)(delegate* unmanaged<nint, nint*, nint*, nuint, nint, nint, nint*, nint>)&CreateProvider;
        Factory[5] = (nint)(delegate* unmanaged<nint, nint, void>)&ReleaseProvider;
        Factory[6] = (nint)(delegate* unmanaged<nint, uint>)&GetVendorId;
        Factory[7] = (nint)(delegate* unmanaged<nint, byte*>)&GetVersion;
        Factory[11] = (nint)(delegate* unmanaged<nint, nint*, nint>)&CreateDataTransfer;
        Factory[12] = (nint)(delegate* unmanaged<nint, byte>)&IsStreamAware;
        factories[0] = (nint)Factory;
        *count = 1;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static nint ReleaseFactory(nint factory) => 0;

    [UnmanagedCallersOnly]
    private static byte* GetName(nint self) => PluginApi.Text(Name);

    [UnmanagedCallersOnly]
    private static byte* GetVendor(nint self) => PluginApi.Text("ModelCompiler");

    [UnmanagedCallersOnly]
    private static byte* GetVersion(nint self) => PluginApi.Text("1.2.3");

    [UnmanagedCallersOnly]
    private static uint GetVendorId(nint self) => 0x1234;

    [UnmanagedCallersOnly]
    private static byte IsStreamAware(nint self) => 0;

    [UnmanagedCallersOnly]
    private static nint CreateDataTransfer(nint self, nint* transfer)
    {
        *transfer = 0;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static nint GetSupportedDevices(nint self, nint* hardware, nuint count, nint* devices, nuint max, nuint* found)
    {
        *found = 0;
        for (nuint i = 0; i < count; i++)
        {
            if (PluginApi.DeviceType(hardware[i]) == (int)DeviceType.Cpu)
            {
                *found = 1;
                return PluginApi.CreateDevice(self, hardware[i], devices);
            }
        }

        return 0;
    }

    /// <summary>The provider of a session: the table of its functions, and behind it a handle of the path that artefacts go to.</summary>
    [UnmanagedCallersOnly]
    private static nint CreateProvider(nint self, nint* devices, nint* metadata, nuint count, nint options, nint logger, nint* provider)
    {
        string? path = PluginApi.SessionEntry(options, "ep.context_enable") == "1" ? PluginApi.SessionEntry(options, "ep.context_file_path") : null;
        nint* table = Table(PluginApi.Version);
        table[1] = (nint)(delegate* unmanaged<nint, byte*>)&GetName;
        table[2] = (nint)(delegate* unmanaged<nint, nint, nint, nint>)&GetCapability;
        table[3] = (nint)(delegate* unmanaged<nint, nint*, nint*, nuint, nint*, nint*, nint>)&Compile;
        table[4] = (nint)(delegate* unmanaged<nint, nint*, nuint, void>)&ReleaseComputeInfos;
        table[PathSlot] = GCHandle.ToIntPtr(GCHandle.Alloc(path));
        *provider = (nint)table;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static void ReleaseProvider(nint self, nint provider)
    {
        GCHandle.FromIntPtr(((nint*)provider)[PathSlot]).Free();
        NativeMemory.Free((void*)provider);
    }

    [UnmanagedCallersOnly]
    private static nint GetCapability(nint self, nint graph, nint support)
    {
        foreach (nint node in PluginApi.Nodes(graph))
        {
            if (PluginApi.Operator(node) == "Mul" || (PluginApi.Operator(node) == "EPContext" && PluginApi.TextAttribute(node, "source") == Name))
            {
                nint status = PluginApi.Fuse(support, node);
                if (status != 0)
                {
                    return status;
                }
            }
        }

        return 0;
    }

    [UnmanagedCallersOnly]
    private static nint Compile(nint self, nint* graphs, nint* fused, nuint count, nint* infos, nint* contexts)
    {
        string? path = (string?)GCHandle.FromIntPtr(((nint*)self)[PathSlot]).Target;
        for (nuint i = 0; i < count; i++)
        {
            nint node = PluginApi.Nodes(graphs[i])[0];
            if (PluginApi.Operator(node) == "EPContext")
            {
                string content = Path.Combine(Path.GetDirectoryName(PluginApi.ModelPath(graphs[i]))!, PluginApi.TextAttribute(node, "ep_cache_context"));
                if (!File.Exists(content) || File.ReadAllText(content) != Compiled)
                {
                    return PluginApi.Error("what was compiled is damaged");
                }

                Interlocked.Increment(ref _loads);
            }
            else
            {
                Interlocked.Increment(ref _compilations);
                if (path is not null)
                {
                    File.WriteAllText(Path.Combine(Path.GetDirectoryName(path)!, ContentName), Compiled);
                    contexts[i] = PluginApi.ContextNode(fused[i], Name, ContentName, isEmbedded: false);
                }
            }

            infos[i] = ComputeInfo();
        }

        return 0;
    }

    [UnmanagedCallersOnly]
    private static void ReleaseComputeInfos(nint self, nint* infos, nuint count)
    {
        for (nuint i = 0; i < count; i++)
        {
            NativeMemory.Free((void*)infos[i]);
        }
    }

    [UnmanagedCallersOnly]
    private static nint CreateState(nint self, nint context, nint* state)
    {
        *state = 0;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static void ReleaseState(nint self, nint state)
    {
    }

    [UnmanagedCallersOnly]
    private static nint Compute(nint self, nint state, nint context)
    {
        var a = PluginApi.Input(context, 0, out long[] shape);
        // A fused node has each of its inputs once.
        var b = PluginApi.InputCount(context) == 1 ? a : PluginApi.Input(context, 1, out _);
        var product = PluginApi.Output(context, 0, shape);
        for (int i = 0; i < product.Length; i++)
        {
            product[i] = a[i] * b[i];
        }

        return 0;
    }

    private static nint ComputeInfo()
    {
        nint* info = Table(PluginApi.Version);
        info[1] = (nint)(delegate* unmanaged<nint, nint, nint*, nint>)&CreateState;
        info[2] = (nint)(delegate* unmanaged<nint, nint, nint, nint>)&Compute;
        info[3] = (nint)(delegate* unmanaged<nint, nint, void>)&ReleaseState;
        return (nint)info;
    }

    private const int Slots = 32;
    private const int PathSlot = Slots - 1;

    /// <summary>A table of functions that begins with the version it was written for.</summary>
    private static nint* Table(int version)
    {
        nint* table = (nint*)NativeMemory.AllocZeroed(Slots, (nuint)sizeof(nint));
        table[0] = version;
        return table;
    }
}
